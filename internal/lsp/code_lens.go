package lsp

import "context"

// runCommand is the command of the editor that runs a task in a terminal. The server itself runs nothing.
const runCommand = "tasks.run"

// codeLens answers with the command "run" above each task. An included file has the task's first name.
func (s *Server) codeLens(_ context.Context, p documentParams) (any, error) {
	at, err := s.fileOf(p)
	if err != nil {
		return nil, err
	}
	lenses := []CodeLens{}
	for _, c := range at.file.symbols.Chunks {
		for _, b := range c.Blocks {
			if b.Type != "task" || b.Label() == "" {
				continue
			}
			task := at.file.prefix() + b.Label()
			lenses = append(lenses, CodeLens{
				Range:   at.file.lines.rangeOf(b.TypeSpan.Shift(c.Start)),
				Command: Command{Title: "run", Command: runCommand, Arguments: []any{task}},
			})
		}
	}
	return lenses, nil
}
