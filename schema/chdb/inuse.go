package chdb

// InUse is ErrInUse, with the owner, where an engine has the data folder at this moment; otherwise nil, also where
// there is no such folder.
func InUse(path string) error { return folderInUse(path) }
