-- A callback with a code of its own for every request; whatever is not a redirect is wrong.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "figures.lua")
wrong = 0
local number = 0
local run

function init()
    math.randomseed(os.time())
    run = os.time() .. "-" .. math.floor((os.clock() % 1) * 1e6) .. "-" .. math.random(1, 1e9)
end

function request()
    number = number + 1
    -- As from many people: a client address has a limit for logins at the same time.
    wrk.headers["X-Forwarded-For"] = "10." .. math.random(0, 255) .. "." .. math.random(0, 255) .. ".9"
    return wrk.format("GET", "/sso/callback?mode=sso&code=" .. run .. "-" .. number .. "&state=s&path=billing")
end

function response(status)
    if status ~= 303 then wrong = wrong + 1 end
end
