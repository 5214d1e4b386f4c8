"""Emulated AWS: moto's server, and the calls of the platform that moto lacks or answers with nothing behind them."""
