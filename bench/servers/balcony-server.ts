// The program that is measured as Balcony. Arguments: database file, port, number of accounts, rounds of their hashes.
process.stderr.write('Balcony cannot be started yet\n')
process.exitCode = 1
