"""Other people's formats ⇄ records: bytes in, typed rows or every problem at once out. No file and no network here."""
