"""What a contract pays for nothing or leaves unpaid under one evaluation design or another."""
