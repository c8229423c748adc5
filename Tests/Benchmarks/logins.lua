-- A callback with a code of its own for every request; counts what is not a redirect.
local number = 0
local run = os.time() .. "-" .. math.floor((os.clock() % 1) * 1e6)
failed = 0

function init(args)
    math.randomseed(os.time())
    run = run .. "-" .. math.random(1, 1e9)
end

function request()
    number = number + 1
    return wrk.format("GET", "/sso/callback?mode=sso&code=" .. run .. "-" .. number .. "&state=s&path=billing")
end

function response(status)
    if status ~= 303 then failed = failed + 1 end
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function done(summary)
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get("failed") end
    if sum > 0 then io.write(sum .. " not signed in\n") end
end
