"""What the black-box tests share: a server, clients, and the published documents as a contract."""
