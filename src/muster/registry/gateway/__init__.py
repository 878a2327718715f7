"""The gateway as the sandbox registry speaks it (docs/reference/gateway-contract.md)."""
