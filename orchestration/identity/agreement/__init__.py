"""What a night's clusters look like from outside: measures, suspects, drift and their plots; it changes no customer."""
