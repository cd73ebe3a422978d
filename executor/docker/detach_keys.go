package docker

// DetachKeys returns the keys of the docker command's configuration. Empty means no keys. The call reads the
// configuration from disk.
func (e *Engine) DetachKeys() (string, error) {
	file, err := e.config.load()
	if err != nil {
		return "", err
	}
	return file.DetachKeys, nil
}
