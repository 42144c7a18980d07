"""The parts of numpyro that are used here, imported without a warning that concerns nobody."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # In a Jupyter kernel without ipywidgets tqdm, which numpyro imports for its progress bar, warns
    # that it has none; no sampler here shows one.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import numpyro
    import numpyro.distributions as dist
    from numpyro.diagnostics import effective_sample_size
    from numpyro.infer import AIES, MCMC, NUTS

__all__ = ["AIES", "MCMC", "NUTS", "dist", "effective_sample_size", "numpyro"]
