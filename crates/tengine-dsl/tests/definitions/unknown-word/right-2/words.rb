def server(name)
  "app-#{name}"
end
