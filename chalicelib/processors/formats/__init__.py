"""What several processors need. Modules here know core and libraries, and no kind of file's processor."""
