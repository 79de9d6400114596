"""What a host has and lacks."""
