"""What goes wrong around a store: programs killed, disks full, and many readers while others publish."""
