"""A run's folder from outside: what it holds, and how it is opened."""
