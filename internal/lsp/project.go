package lsp

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/workspace"
)

// projects finds the project of each file.
type projects struct {
	config  workspace.Config
	docs    *documents
	compose *composeCache

	mu      sync.Mutex
	folders []string
	all     []*project
}

func newProjects(config workspace.Config, docs *documents) *projects {
	p := &projects{docs: docs, compose: newComposeCache()}
	flags := &config.Flags // relative paths start at the first working directory
	flags.Files = config.AbsolutePaths(flags.Files)
	flags.VarFiles = config.AbsolutePaths(flags.VarFiles)
	flags.EnvFiles = config.AbsolutePaths(flags.EnvFiles)
	flags.ComposeFiles = config.AbsolutePaths(flags.ComposeFiles)
	if flags.ProjectDirectory != "" {
		flags.ProjectDirectory = config.AbsolutePath(flags.ProjectDirectory)
	}
	config.Buffer, config.LoadProject = docs.buffer, p.compose.load
	p.config = config
	return p
}

// addFolder adds a folder of the editor. Its project may include the files of other folders.
func (p *projects) addFolder(dir string) {
	if dir == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.folders = append(p.folders, dir)
}

// of returns the project of a file: a project that has the file already, the project of a folder of the editor, the
// project that `tasks` would find in the directory of the file, or a project of the file alone.
func (p *projects) of(path string) *project {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.find(path)
}

// ofFresh returns the project of a file, after a reload. Requests do not wait for the reload of a known project.
func (p *projects) ofFresh(path string) *project {
	p.mu.Lock()
	count := len(p.all)
	found := p.find(path)
	isNew := len(p.all) > count
	p.mu.Unlock()
	if !isNew {
		found.reload()
	}
	return found
}

func (p *projects) find(path string) *project {
	for _, dir := range p.folders {
		p.open(dir)
	}
	p.folders = nil
	for _, known := range p.all {
		if known.has(path) {
			return known
		}
	}
	if found := p.open(filepath.Dir(path)); found != nil && found.has(path) {
		return found
	}
	alone := p.config
	alone.WorkingDir, alone.Flags.Files = filepath.Dir(path), []string{path}
	return p.add(alone, path)
}

// open opens the project of a directory; nil, if the directory has none.
func (p *projects) open(dir string) *project {
	config := p.config
	config.WorkingDir = dir
	files, err := config.TaskFiles()
	if err != nil {
		return nil
	}
	for _, known := range p.all {
		if known.main == files[0] {
			known.reload()
			return known
		}
	}
	if len(config.Flags.Files) == 0 {
		config.WorkingDir = filepath.Dir(files[0])
	}
	return p.add(config, files[0])
}

func (p *projects) add(config workspace.Config, main string) *project {
	added := &project{config: config, main: main, docs: p.docs, files: map[string]*document{},
		composeProjects: map[string]*composeproject.Project{}}
	added.reload()
	p.all = append(p.all, added)
	return added
}

// list returns the opened projects.
func (p *projects) list() []*project {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all)
}

// project is a project with at least one open file.
type project struct {
	config workspace.Config
	// main is the first file.
	main string
	docs *documents

	mu    sync.Mutex
	state state
	// files are the closed files, as read by the last reload.
	files map[string]*document
	// composeProjects are the last compose projects without errors, by scope.
	composeProjects map[string]*composeproject.Project
}

// state is the result of the last reload.
type state struct {
	// ws is nil after an error.
	ws    *workspace.Workspace
	diags hcl.Diagnostics
	err   error
	// prefixes are the prefixes of the tasks in each file.
	prefixes map[string][]string
}

// has reports whether a file belongs to the project.
func (p *project) has(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.state.prefixes[path]) > 0 || p.main == path || p.isVariableFile(path)
}

// isVariableFile reports whether a path is a file beside the main file with values of variables.
func (p *project) isVariableFile(path string) bool {
	return strings.HasSuffix(path, hclspec.AutoVariablesSuffix) && filepath.Dir(path) == filepath.Dir(p.main)
}

// reload parses all files of the project, with the texts of the editor.
func (p *project) reload() state {
	var next state
	next.ws, next.diags, next.err = workspace.OpenChecked(p.config)
	files := map[string]*document{}
	if next.err == nil {
		next.prefixes = next.ws.File.Prefixes()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if next.err != nil {
		next.prefixes = p.state.prefixes // the files of the last reload are still the best guess
		p.state = next
		return next
	}
	sources := next.ws.SourceFiles()
	for path := range next.prefixes {
		if source := sources[p.config.DisplayPath(path)]; source != nil && p.docs.byPath(path) == nil {
			files[path] = newDocument(p.docs.uriOf(path), 0, source.Bytes, p.files[path])
		}
	}
	for _, path := range variableFiles(filepath.Dir(p.main)) {
		if text, err := os.ReadFile(path); err == nil && p.docs.byPath(path) == nil { // trusted: the workspace has read it
			files[path] = newDocument(p.docs.uriOf(path), 0, text, p.files[path])
		}
	}
	p.state, p.files = next, files
	return next
}

// variableFiles returns the files of a directory with values of variables.
func variableFiles(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+hclspec.AutoVariablesSuffix)) // the pattern is valid
	return found
}

// escapeGlob makes a path a pattern for itself.
func escapeGlob(path string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(path)
}

// snapshot is the text of a project at the time of a request.
type snapshot struct {
	project *project
	state   state
	files   []sourceFile
	// firstPrefixes has the first prefix of the file with a prefix.
	firstPrefixes map[string]string
}

// sourceFile is a file in a snapshot.
type sourceFile struct {
	*document
	// prefixes are the prefixes of the tasks in the file. A file with values of variables has none.
	prefixes []string
}

// prefix returns the first prefix.
func (f sourceFile) prefix() string {
	if len(f.prefixes) == 0 {
		return ""
	}
	return f.prefixes[0]
}

// snapshot returns the texts of all files of the project.
func (p *project) snapshot() *snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &snapshot{project: p, state: p.state}
	paths := map[string]bool{p.main: true}
	for path := range p.state.prefixes {
		paths[path] = true
	}
	for path := range p.files {
		paths[path] = true
	}
	for _, path := range variableFiles(filepath.Dir(p.main)) {
		paths[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		doc := p.docs.byPath(path)
		if doc == nil {
			doc = p.files[path]
		}
		if doc != nil {
			s.files = append(s.files, sourceFile{doc, p.prefixesOf(path)})
		}
	}
	s.firstPrefixes = map[string]string{}
	for _, f := range s.files {
		for _, prefix := range f.prefixes {
			first := slices.Min(f.prefixes)
			if known, isKnown := s.firstPrefixes[prefix]; !isKnown || first < known {
				s.firstPrefixes[prefix] = first
			}
		}
	}
	return s
}

// firstPrefix returns the first prefix of the file with a prefix.
func (s *snapshot) firstPrefix(prefix string) string {
	if first, isKnown := s.firstPrefixes[prefix]; isKnown {
		return first
	}
	return prefix
}

func (p *project) prefixesOf(path string) []string {
	if prefixes := p.state.prefixes[path]; len(prefixes) > 0 || p.isVariableFile(path) {
		return prefixes
	}
	return []string{""}
}

// file returns a file of the snapshot.
func (s *snapshot) file(path string) (sourceFile, bool) {
	for _, f := range s.files {
		if f.path == path {
			return f, true
		}
	}
	return sourceFile{}, false
}

// composeProject returns the compose project of the files with a prefix. While the files have errors, the last project
// without errors stays. Before, the project is the one that Compose finds beside the files; nil: there is none.
func (s *snapshot) composeProject(prefix string) *composeproject.Project {
	scope := ""
	var loaded *composeproject.Project
	if ws := s.state.ws; ws != nil {
		for _, known := range ws.File.Scopes() {
			if strings.HasPrefix(prefix, known) && len(known) > len(scope) {
				scope = known
			}
		}
		if project, err := ws.Project(scope); err == nil { // the diagnostics have the error
			loaded = project
		}
	}
	if last := s.project.lastProject(scope, loaded); last != nil {
		return last
	}
	config := s.project.config
	config.WorkingDir = filepath.Dir(s.project.main)
	if alone, _, err := workspace.OpenCompose(config); err == nil {
		if project, err := alone.Project(""); err == nil {
			return project
		}
	}
	return nil
}

// lastProject keeps a compose project, and returns the last one of the scope.
func (p *project) lastProject(scope string, loaded *composeproject.Project) *composeproject.Project {
	p.mu.Lock()
	defer p.mu.Unlock()
	if loaded != nil {
		p.composeProjects[scope] = loaded
	}
	return p.composeProjects[scope]
}
