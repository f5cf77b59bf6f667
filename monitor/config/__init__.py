"""The configuration: config.toml read once, checked as a whole, into a frozen object.

`monitor.config.loading.load_config` reads it; this file stays light, so that `--help` loads no pydantic.
"""

from monitor.config.errors import ConfigError

__all__ = ["ConfigError"]
