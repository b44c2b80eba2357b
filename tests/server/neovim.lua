-- Run by test_neovim.py: what somebody does in Neovim, with its own client and no plugin.
local server = vim.fn.json_decode(vim.env.HFMODE_LINT_SERVER)
local seen = {}
-- As later versions call it.
local clients = vim.lsp.get_clients or vim.lsp.get_active_clients

local function wait_for(what, condition)
  if not vim.wait(60000, condition, 50) then
    error(what .. ' did not happen')
  end
end

local function codes()
  return vim.tbl_map(function(each) return each.code or each.user_data.lsp.code end, vim.diagnostic.get(0))
end

-- Actions are chosen by their titles, where somebody would be asked.
vim.ui.select = function(items, _, on_choice)
  local chosen = nil
  for _, item in ipairs(items) do
    -- Neovim 0.10 has items with names, those before have pairs.
    local action = item.action or item[2]
    table.insert(seen, action.title)
    if vim.startswith(action.title, vim.g.wanted_action) then
      chosen = item
    end
  end
  on_choice(chosen)
end

local function choose(title)
  vim.g.wanted_action = title
  local before = vim.api.nvim_buf_get_changedtick(0)
  vim.lsp.buf.code_action()
  wait_for(title, function() return vim.api.nvim_buf_get_changedtick(0) ~= before end)
end

local function run()
  local client = vim.lsp.start_client({
    name = 'hfmode-lint',
    cmd = server,
    root_dir = vim.fn.getcwd(),
  })
  vim.lsp.buf_attach_client(0, client)

  wait_for('the first finding', function() return #vim.diagnostic.get(0) == 2 end)
  local first = vim.diagnostic.get(0)[1]
  local result = {
    codes = codes(),
    line = first.lnum,
    column = first.col,
    end_column = first.end_col,
    message = first.message,
  }

  vim.fn.cursor(first.lnum + 1, first.col + 1)
  local hover = vim.lsp.buf_request_sync(
    0,
    'textDocument/hover',
    vim.lsp.util.make_position_params(0, vim.lsp.get_client_by_id(client).offset_encoding),
    10000)
  result.hover = hover[client].result.contents.value

  choose('Append .train()')
  wait_for('one finding less', function() return #vim.diagnostic.get(0) == 1 end)
  local second = vim.diagnostic.get(0)[1]
  vim.fn.cursor(second.lnum + 1, second.col + 1)
  choose('Ignore HFM001')
  wait_for('no finding', function() return #vim.diagnostic.get(0) == 0 end)

  result.seen = seen
  result.lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
  return result
end

local ok, result = pcall(run)
vim.fn.writefile({ vim.fn.json_encode(ok and result or { error = tostring(result) }) }, vim.env.RESULT)
vim.lsp.stop_client(clients())
vim.wait(5000, function() return #clients() == 0 end, 50)
vim.cmd('qall!')
