"""One file with all that an installation cannot lose; putting it back; looking whether it is whole.

`place` says what that is and where it lies, `archive` how it is packed, `make`, `restore` and
`verify` do what their names say.
"""
