package lsp

import (
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// taskService returns the compose service of the task at the cursor.
func (c *completer) taskService() (types.ServiceConfig, bool) {
	project := c.project()
	if project == nil || c.cursor.Block == nil || c.cursor.Block.Top().Type != "task" {
		return types.ServiceConfig{}, false
	}
	task := c.s.taskBlock(c.file.prefix(), c.cursor.Block.Top().Label())
	if task == nil {
		return types.ServiceConfig{}, false
	}
	a := task.Attribute("service")
	if a == nil || len(a.Texts) != 1 {
		return types.ServiceConfig{}, false
	}
	return project.Service(a.Texts[0].Value)
}

// portText writes a port in the short syntax, without the address.
func portText(port types.ServicePortConfig) string {
	text := strconv.FormatUint(uint64(port.Target), 10)
	if port.Published != "" {
		text = port.Published + ":" + text
	}
	return text
}
