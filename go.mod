module kaisen

go 1.26
