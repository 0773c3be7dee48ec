"""What every room stands on: settings, errors, the catalogue, the ledger, the object store."""
