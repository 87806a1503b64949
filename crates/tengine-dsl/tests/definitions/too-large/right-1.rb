require 'tengine_job'

# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 
# a line of a comment that goes on and on; a line of a comment that goes on and on; 

jobnet("nightly", "Nightly batch", :server_name => "batch1", :credential_name => "batch") do
  job("load", "$HOME/load.sh")
end
