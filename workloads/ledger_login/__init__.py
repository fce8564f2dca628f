"""How whoever writes signs in to the ledger, in whichever region its writer is."""
