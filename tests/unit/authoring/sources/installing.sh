# Install and go.
pip install numpy
python3 -m pip install -r requirements.txt
dnf install java
