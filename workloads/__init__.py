"""Code that runs inside the platform. Each package is whole: it imports nothing of the program that deploys it."""
