"""`python -m muster_sandbox`."""

from __future__ import annotations

import sys

from muster_sandbox.command import main

sys.exit(main())
