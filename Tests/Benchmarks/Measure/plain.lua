-- Nothing but the figures at the end.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "figures.lua")
