-- Another session for every request, in turn, from a file of cookies: SESSIONS names it, wrk's -H the other headers.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "figures.lua")
local cookies

function init() cookies = assert(io.open(os.getenv("SESSIONS"))) end

function request()
    local cookie = cookies:read()
    if not cookie then
        cookies:seek("set")
        cookie = cookies:read()
    end
    wrk.headers["Cookie"] = cookie
    return wrk.format()
end
