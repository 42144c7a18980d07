"""Price corridor and deal zone: at which value of a contract term both sides' conditions hold."""
