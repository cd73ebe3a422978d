package composeproject

import (
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"
)

// SourceFiles returns all files that the project was read from, with the files of include and extends, the env files,
// and files that Compose would read if they existed. A change of a file may change the project.
func SourceFiles(p *Project) []string {
	files := slices.Concat(p.model.ComposeFiles, p.sources.files, p.envFiles)
	if len(p.envFiles) == 0 {
		files = append(files, filepath.Join(p.model.WorkingDir, ".env"))
	}
	if isDiscovered(p) {
		dir := filepath.Dir(p.model.ComposeFiles[0])
		for _, name := range slices.Concat(cli.DefaultFileNames, cli.DefaultOverrideFileNames) {
			files = append(files, filepath.Join(dir, name))
		}
	}
	for _, s := range p.model.Services {
		for _, file := range s.EnvFiles {
			files = append(files, file.Path)
		}
		files = append(files, s.LabelFiles...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// isDiscovered reports whether the project's files have the names that Compose looks for.
func isDiscovered(p *Project) bool {
	names := slices.Concat(cli.DefaultFileNames, cli.DefaultOverrideFileNames)
	return len(p.model.ComposeFiles) > 0 && !slices.ContainsFunc(p.model.ComposeFiles, func(file string) bool {
		return !slices.Contains(names, filepath.Base(file))
	})
}
