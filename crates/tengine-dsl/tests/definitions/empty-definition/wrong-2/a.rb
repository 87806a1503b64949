def x
end
