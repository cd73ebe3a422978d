package dockerfile

import (
	"os"
	"path/filepath"
)

// defaultName is the name of the Dockerfile in a context.
const defaultName = "Dockerfile"

// Path returns the path of a Dockerfile. name is the name in the compose file, relative to the context; empty: the
// default name, in small letters if there is no other file, as for the docker command.
func Path(context, name string) string {
	switch {
	case filepath.IsAbs(name):
		return name
	case name != "":
		return filepath.Join(context, name)
	}
	path, small := filepath.Join(context, defaultName), filepath.Join(context, "dockerfile")
	if !exists(path) && exists(small) {
		return small
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
