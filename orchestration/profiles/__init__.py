"""What columns hold: their profiles, what each one means, and the contract and staging that follow from it."""
