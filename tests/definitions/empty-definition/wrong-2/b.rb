module B
end
