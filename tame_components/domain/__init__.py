"""Plain facts about a media stack: frozen, validated, and free of Pulumi, I/O and clocks."""
