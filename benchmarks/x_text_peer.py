"""PyPI's twitter-text-parser, asked line by line, in an environment of its own (see x_text.py).

The first line is a list of lists of texts; then each line `parse 0`, `parse 3`… is answered with
the seconds that list took.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

parse_tweet = importlib.import_module("twitter_text").parse_tweet
lists = json.loads(sys.stdin.readline())

for line in sys.stdin:
    texts = lists[int(line.split()[1])]
    began = time.perf_counter()
    for text in texts:
        parse_tweet(text)
    print(time.perf_counter() - began, flush=True)
