package standby

import (
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
)

// bindSources returns the files and directories of this machine that a container mounts.
func bindSources(spec planner.ContainerSpec) []string {
	var sources []string
	for _, v := range spec.Service.Volumes {
		if v.Type == types.VolumeTypeBind {
			sources = append(sources, v.Source)
		}
	}
	for _, use := range spec.Service.Secrets {
		if file := spec.Secrets[use.Source].File; file != "" {
			sources = append(sources, file)
		}
	}
	for _, use := range spec.Service.Configs {
		if file := spec.Configs[use.Source].File; file != "" {
			sources = append(sources, file)
		}
	}
	slices.Sort(sources)
	return slices.Compact(sources)
}

// mountedFiles are the files behind the bind mounts of a container; nil for a missing file.
type mountedFiles map[string]os.FileInfo

// readMounted reads the files of the mounts. A started container keeps these files, also after a rename over them.
func readMounted(spec planner.ContainerSpec) mountedFiles {
	files := mountedFiles{}
	for _, source := range bindSources(spec) {
		files[source], _ = os.Stat(source) // a missing file is nil
	}
	return files
}

// replaced returns the first source with another file than before; empty: none.
func (m mountedFiles) replaced(spec planner.ContainerSpec) string {
	for _, source := range bindSources(spec) {
		now, err := os.Stat(source)
		if before := m[source]; before == nil || err != nil || !os.SameFile(before, now) {
			return source
		}
	}
	return ""
}
