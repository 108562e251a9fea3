#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Count things.
# All of them.

import os
n = int(os.getenv("N", "2"))
