"""The figures that the README quotes. `make bench` prints them; each also runs by itself."""
