import pandas as pd
from sklearn.model_selection import train_test_split

customers = pd.DataFrame({"tenure": [1, 2, 3, 4], "churned": [0, 1, 0, 1]})
train, test = train_test_split(customers, test_size=0.5)
