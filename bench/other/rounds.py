"""Answers each line of standard input with one round: its amount, and the seconds that it took."""

import json
import sys
import time


def serve(work):
    """Calls `work`, which returns the amount done, or (amount, seconds) where it takes the time itself."""
    for _ in sys.stdin:
        start = time.perf_counter()
        done = work()
        amount, seconds = done if isinstance(done, tuple) else (done, time.perf_counter() - start)
        print(json.dumps({"amount": amount, "seconds": seconds}), flush=True)
