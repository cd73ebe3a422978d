package docker

// DetachKeys are those that the configuration of the docker command sets; empty: none. They are read from disk.
func (e *Engine) DetachKeys() (string, error) {
	file, err := e.config()
	if err != nil {
		return "", err
	}
	return file.DetachKeys, nil
}
