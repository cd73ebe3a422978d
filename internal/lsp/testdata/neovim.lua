-- A test of `tasks lsp` with Neovim 0.7 and later. The first error ends Neovim with the code 1.

local function check(step, holds, detail)
  if not holds then
    io.stdout:write("failed " .. step .. ": " .. vim.inspect(detail) .. "\n")
    vim.cmd("cquit 1")
  end
  io.stdout:write("ok " .. step .. "\n")
end

local function wait(step, condition)
  check(step, vim.wait(60000, condition, 10), vim.diagnostic.get(0))
end

local function main()
  -- Neovim 0.7 delays edits, and a request of a script does not wait for them.
  local id = vim.lsp.start_client({
    cmd = { vim.env.TASKS_PROGRAM, "lsp" }, root_dir = vim.fn.getcwd(), flags = { debounce_text_changes = 0 },
  })
  vim.lsp.buf_attach_client(0, id)
  wait("initialize", function()
    local client = vim.lsp.get_client_by_id(id)
    return client and client.initialized
  end)
  local client = vim.lsp.get_client_by_id(id)

  local function find(text)
    vim.fn.cursor(1, 1)
    check("search " .. text, vim.fn.search("\\V" .. text) > 0, text)
  end
  local function request(method, params)
    local answer = client.request_sync(method, params or vim.lsp.util.make_position_params(0, client.offset_encoding), 60000, 0)
    check("answer " .. method, answer and not answer.err, answer)
    return answer.result
  end

  -- diagnostics
  vim.cmd([[%s/task\.lint/task.lnt/]])
  wait("diagnostics", function()
    local found = vim.diagnostic.get(0)
    return #found == 1 and found[1].message:find('unknown task "lnt"', 1, true)
  end)
  vim.cmd([[%s/task\.lnt/task.lint/]])
  wait("no diagnostics", function() return #vim.diagnostic.get(0) == 0 end)

  -- completion
  find("lint, service")
  local labels = {}
  for _, item in ipairs(request("textDocument/completion").items) do labels[item.label] = true end
  check("completion", labels["lint"] and labels["test"], labels)

  -- hover and definition
  local hover = request("textDocument/hover")
  check("hover", hover.contents.value:find("tasks run lint", 1, true), hover)
  local place = request("textDocument/definition")
  check("definition", place.range.start.line == vim.fn.search('^task "lint"', "n") - 1, place)

  -- rename
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.newName = "style"
  vim.lsp.util.apply_workspace_edit(request("textDocument/rename", params), client.offset_encoding)
  check("rename", vim.fn.search('^task "style"', "nw") > 0, vim.api.nvim_buf_get_lines(0, 0, -1, true))

  -- format
  vim.cmd([[%s/depends_on  =/depends_on=/]])
  local edits = request("textDocument/formatting", vim.lsp.util.make_formatting_params({}))
  vim.lsp.util.apply_text_edits(edits, 0, client.offset_encoding)
  check("format", vim.fn.search("depends_on  = \\[task.style", "nw") > 0, edits)
  wait("valid at the end", function() return #vim.diagnostic.get(0) == 0 end)
  vim.cmd("write")

  client.stop()
  wait("shutdown", function() return client.is_stopped() end)
end

local ok, err = xpcall(main, debug.traceback)
check("script", ok, err)
vim.cmd("qall!")
