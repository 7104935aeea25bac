module tools/mage

go 1.24.0

tool github.com/magefile/mage

require github.com/magefile/mage v1.15.0 // indirect
