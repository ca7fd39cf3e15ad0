"""`python -m benchmarks.publishing [--brief] [--posts N]`."""

from __future__ import annotations

import argparse

from benchmarks.publishing import POSTS, main

if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m benchmarks.publishing")
    options.add_argument("--brief", action="store_true", help="only show that all of it works")
    options.add_argument("--posts", type=int, default=POSTS, help=f"due at once (usual: {POSTS})")
    chosen = options.parse_args()
    main(brief=chosen.brief, posts=chosen.posts)
