"""What a step's own process imports: the decorator, the artifact classes, the step API and ``execute``.

Everything here is light on purpose: no third-party package, no dataclasses (they import ``inspect``), no asyncio.
"""
