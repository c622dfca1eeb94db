"""schemathesis follows the API's description, and a running emulator must do what it says."""
